import { formatBytes } from '../../core/bytes.ts';
import { need, type Stage } from '../stage.ts';

/** Made of the scratch state, then proved: everything in it is read again. */
export const backup: Stage = {
  name: 'backup',
  title: 'Backup of the scratch state',
  needs: ['deploy-dryrun'],
  run: async (context) => {
    const { environment, ports, signal, log } = context;
    const made = await ports.backups.create({
      environment,
      release: need(context, 'release'),
      tag: need(context, 'version'),
      commit: need(context, 'commit'),
      kind: 'manual',
      at: ports.clock.now(),
      signal,
    });
    log(`made ${made.file}, sha256 ${made.sha256}`);
    const found = await ports.backups.verify(environment, made.file, 'full', signal);
    if (found.kind === 'broken') {
      return {
        kind: 'failed',
        evidence: `${made.file} does not read back as it was written: ${found.detail}`,
        hint: 'Check the disk: dmesg, df -h',
      };
    }
    const evidence = `${made.file}, ${formatBytes(made.bytes)}, ${made.files} files, verified`;
    log(evidence);
    return { kind: 'passed', evidence };
  },
};
