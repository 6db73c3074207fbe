// Loudness of the first audio stream by EBU R128.

import { BotError } from '../../core/error.ts';
import type { Loudness, Tools } from '../../core/media.ts';

export async function measureLoudness(file: string, _tools: Tools, _signal: AbortSignal): Promise<Loudness> {
  throw new BotError({ code: 'loudness-not-measured', message: `The loudness of ${file} was not measured.`, hint: null });
}
