// Every notice as its readers would get it, with sample facts, the site's own wording and nothing sent.

import { EXIT } from '../cli/exit.ts';
import { isRefusal } from '../commands/environment.ts';
import { parseWords } from '../commands/words.ts';
import { BotError } from '../core/error.ts';
import { NOTICES, type NoticeName } from '../core/notice.ts';
import { mailOf } from '../templates/mail.ts';
import type { Message } from '../templates/message.ts';
import { type AnyNotice, drawNotice, type Site } from '../templates/notices/notice.ts';
import { type Sample, sampleOf } from '../templates/notices/sample.ts';
import { teamsCard } from '../templates/teams.ts';
import { messageText } from '../templates/text.ts';
import { load, type RunVerb, usage } from './verb.ts';

const LINE = 'bin/dhash templates preview [NAME] [--format slack|text|mail|html|teams]';
const FORMATS = ['text', 'slack', 'mail', 'html', 'teams'] as const;
type Format = (typeof FORMATS)[number];

export const previewTemplates: RunVerb = async (options, words) => {
  const [verb, ...rest] = words;
  const parsed = parseWords(rest, { format: 'value' }, LINE, 1);
  if (verb !== 'preview') throw usage(LINE);
  if (isRefusal(parsed)) throw new BotError({ code: 'usage', message: parsed.message, hint: parsed.hint });
  const names = chosen(parsed.positionals[0]);
  const format = formatOf(parsed.flags['format']);
  const { config } = await load(options);
  let stopped = false;
  for (const name of names) {
    const sample = sampleOf(name, config, format === 'mail' || format === 'html' ? 'mail' : 'chat');
    const { notice } = sample;
    const drawn = drawNotice(notice, { view: sample.view, site: config });
    if (names.length > 1) options.output.line(`=== ${name} (to ${config.notify.audiences[name].join(', ') || 'nobody'})`);
    if (drawn.kind === 'stopped') {
      stopped = true;
      options.output.trouble(`It would not be sent: ${drawn.words.join(', ')} is not filled in. Mend notify.wording.${name} in dhash.yml.`);
    } else for (const line of await shown(drawn.message, notice, sample, config, format)) options.output.line(line);
    if (names.length > 1) options.output.line('');
  }
  return stopped ? EXIT.failed : EXIT.done;
};

async function shown(message: Message, notice: AnyNotice, { view, told }: Sample, site: Site, format: Format): Promise<readonly string[]> {
  const mail = () => mailOf(message, { service: site.service, environment: view.environment, request: view.id, at: told.at });
  switch (format) {
    case 'text':
      return messageText(message, told.at);
    case 'mail':
      return [
        `To: ${site.notify.audiences[notice.name].filter((audience) => audience !== 'ops').join(', ')}`,
        `Subject: ${mail().subject}`,
        '',
        mail().text,
      ];
    case 'html':
      return [mail().html];
    case 'teams':
      return [JSON.stringify(teamsCard(message, `${site.service}, ${view.environment}, request ${view.id}`), null, 2)];
    case 'slack': {
      // Its layout is loaded only here: the other formats need nothing of Slack.
      const { layout } = await import('../slack/layout.ts');
      return [JSON.stringify(layout(message).blocks, null, 2)];
    }
  }
}

function chosen(word: string | undefined): readonly NoticeName[] {
  if (word === undefined) return NOTICES;
  const name = NOTICES.find((one) => one === word);
  if (name !== undefined) return [name];
  throw new BotError({ code: 'usage', message: `"${word}" is not a template`, hint: `Write one of: ${NOTICES.join(', ')}` });
}

function formatOf(flag: string | true | undefined): Format {
  if (flag === undefined) return 'text';
  const format = FORMATS.find((one) => one === flag);
  if (format !== undefined) return format;
  throw new BotError({ code: 'usage', message: `--format "${flag}" is not known`, hint: `Write one of: ${FORMATS.join(', ')}` });
}
