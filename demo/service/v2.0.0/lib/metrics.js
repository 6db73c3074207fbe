// Prometheus text: how many requests, how long they took, how much memory we use.

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10];

export function createMetrics(version) {
  const byStatus = new Map();
  const buckets = BUCKETS.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    observe: (status, seconds) => {
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      for (const [index, limit] of BUCKETS.entries()) if (seconds <= limit) buckets[index] += 1;
      count += 1;
      sum += seconds;
    },
    text: (hashed) => `${[...requests(), ...durations(), ...gauges(hashed)].join('\n')}\n`,
  };

  function requests() {
    const lines = [...byStatus].map(([status, value]) => `http_requests_total{status="${status}"} ${value}`);
    return ['# HELP http_requests_total Requests answered.', '# TYPE http_requests_total counter', ...lines];
  }

  function durations() {
    const lines = BUCKETS.map((limit, index) => `http_request_duration_seconds_bucket{le="${limit}"} ${buckets[index]}`);
    return [
      '# HELP http_request_duration_seconds Time to answer.',
      '# TYPE http_request_duration_seconds histogram',
      ...lines,
      `http_request_duration_seconds_bucket{le="+Inf"} ${count}`,
      `http_request_duration_seconds_sum ${sum}`,
      `http_request_duration_seconds_count ${count}`,
    ];
  }

  function gauges(hashed) {
    return [
      '# HELP images_hashed_total Images hashed by this release, on all days.',
      '# TYPE images_hashed_total counter',
      `images_hashed_total ${hashed}`,
      '# HELP process_resident_memory_bytes Memory in use.',
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      '# HELP service_info The release that answers.',
      '# TYPE service_info gauge',
      `service_info{version="${version}"} 1`,
    ];
  }
}
