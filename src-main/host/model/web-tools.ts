/** The tools that the model's address works by itself: plain search and fetch, bounded in place, number and size. */
import type { ToolUnion } from '@anthropic-ai/sdk/resources/messages';
import type { WebOffer, WebReach } from '#contract/web.ts';
import { webBounds } from '#core/budget/worst.ts';

/** In a fixed order: they are the beginning of the cached prefix. The versions in which no code is run on results. */
export function webTools({ search, fetch }: WebOffer): ToolUnion[] {
  const { uses, tokensOfPage } = webBounds;
  return [
    ...(search
      ? [{ type: 'web_search_20250305' as const, name: 'web_search' as const, max_uses: uses, ...domains(search) }]
      : []),
    ...(fetch
      ? [
          {
            ...{ type: 'web_fetch_20250910' as const, name: 'web_fetch' as const, max_uses: uses, ...domains(fetch) },
            ...{ max_content_tokens: tokensOfPage, citations: { enabled: true } },
          },
        ]
      : []),
  ];
}

/** The API takes one of both lists. */
function domains({ allowed, blocked }: WebReach): { allowed_domains?: string[]; blocked_domains?: string[] } {
  if (allowed !== null) return { allowed_domains: allowed };
  return blocked.length > 0 ? { blocked_domains: blocked } : {};
}
