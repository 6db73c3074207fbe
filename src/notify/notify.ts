// The outward channels put together: which are open, what sends for each, and what is drawn for them.

import type { Config } from '../core/config.ts';
import type { OpenChannels } from './draw.ts';
import { createMailSender } from './mail.ts';
import { discreet, type Sender } from './outcome.ts';
import { createPagerdutySender } from './pagerduty.ts';
import { createTeamsSender } from './teams.ts';

/** As the environment had them; null = that channel is off. */
export interface NotifySecrets {
  readonly smtpUrl: string | null;
  readonly teamsWebhookUrl: string | null;
  readonly pagerdutyRoutingKey: string | null;
}

export type OpenSenders = Readonly<Partial<Record<keyof OpenChannels, Sender>>>;

/** A channel is open when its secret is there; e-mail also wants its section in dhash.yml. */
export function openSenders({ notify }: Pick<Config, 'notify'>, secrets: NotifySecrets, redact: (text: string) => string): OpenSenders {
  const { mail, teams, pagerduty } = notify;
  const { smtpUrl, teamsWebhookUrl, pagerdutyRoutingKey } = secrets;
  return {
    ...(mail === null || smtpUrl === null
      ? {}
      : { mail: discreet(createMailSender({ url: smtpUrl, from: mail.from, timeoutMs: mail.timeout }), redact) }),
    ...(teamsWebhookUrl === null ? {} : { teams: discreet(createTeamsSender({ url: teamsWebhookUrl, timeoutMs: teams.timeout }), redact) }),
    ...(pagerdutyRoutingKey === null
      ? {}
      : {
          pagerduty: discreet(
            createPagerdutySender({ api: pagerduty.api, routingKey: pagerdutyRoutingKey, timeoutMs: pagerduty.timeout }),
            redact,
          ),
        }),
  };
}

export function openChannels(senders: OpenSenders): OpenChannels {
  return { mail: senders.mail !== undefined, teams: senders.teams !== undefined, pagerduty: senders.pagerduty !== undefined };
}
