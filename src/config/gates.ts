// quality-gates.json: the warning tier, with the keys and units that MOBIUS already has.

import { z } from 'zod';
import type { QualityGates } from '../core/config.ts';
import { choice, decimal, leaf, percent, whole } from './leaf.ts';

const resolution = leaf({
  read: (value) => {
    const [, width, height] = (typeof value === 'string' ? /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(value) : null) ?? [];
    return width === undefined || height === undefined ? undefined : { width: Number(width), height: Number(height) };
  },
  what: 'a resolution',
  write: '"1920x1080"',
});

const unit = (...known: readonly string[]) =>
  leaf({
    read: (value) => known.find((word) => word === value),
    what: 'the unit these numbers are in',
    write: known.join(' or '),
  }).optional();

export const gatesFile = z.strictObject({
  quality_gates: z.strictObject({
    audio: z.strictObject({
      lufs_tolerance: decimal(0, 60, 'a difference in dB'),
      true_peak_tolerance: decimal(0, 60, 'a difference in dB'),
      units: unit('dB'),
    }),
    video: z.strictObject({
      ssim_threshold: decimal(0, 1, 'a similarity'),
      // Ours, so it may be left out. ffmpeg's number on RGB is the one 0.995 was chosen with, and it sees colors; luma alone does not.
      ssim_method: choice(['ssim.js', 'ffmpeg']).default('ffmpeg'),
      frame_rate_tolerance: decimal(0, 60, 'a difference in frames per second'),
      resolution_exact: resolution,
    }),
    performance: z.strictObject({
      response_time_max: decimal(1, 600_000, 'a time in milliseconds'),
      error_rate_max: percent(),
      cpu_usage_max: percent(),
      memory_usage_max: percent(),
    }),
    monitoring: z.strictObject({
      check_interval: decimal(0.1, 86_400, 'a number of seconds'),
      failure_threshold: whole(1, 1_000, 'a count of checks in a row'),
      recovery_threshold: whole(1, 1_000, 'a count of checks in a row'),
    }),
  }),
});

export function toGates({ quality_gates: { audio, video, performance, monitoring } }: z.output<typeof gatesFile>): QualityGates {
  return {
    audio: { lufsTolerance: audio.lufs_tolerance, truePeakTolerance: audio.true_peak_tolerance },
    video: {
      ssimThreshold: video.ssim_threshold,
      ssimMethod: video.ssim_method,
      frameRateTolerance: video.frame_rate_tolerance,
      resolution: video.resolution_exact,
    },
    performance: {
      responseTimeMax: performance.response_time_max,
      errorRateMax: performance.error_rate_max,
      cpuUsageMax: performance.cpu_usage_max,
      memoryUsageMax: performance.memory_usage_max,
    },
    monitoring: {
      checkInterval: monitoring.check_interval * 1_000,
      failureThreshold: monitoring.failure_threshold,
      recoveryThreshold: monitoring.recovery_threshold,
    },
  };
}
