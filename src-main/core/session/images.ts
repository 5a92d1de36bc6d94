/** Images in a history, and what a message counts with them. */
import type { ImageBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { HandsImage } from '#contract/hands.ts';

export function imageBlock({ mediaType, base64 }: HandsImage): ImageBlockParam {
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: base64 } };
}

/** Tokens of one image at most. Source: the vendor's guide to vision, November 2026, for the largest that it does not scale down. */
const tokensOfImage = 5_000;

function showsImage({ content }: MessageParam): boolean {
  return (
    typeof content !== 'string' &&
    content.some((block) => block.type === 'tool_result' && typeof block.content !== 'string')
  );
}

/** Of its JSON, as a measure of its tokens: an image counts by what it is seen as, not by how it is written. */
export function bytesOf(message: MessageParam): number {
  if (!showsImage(message)) return Buffer.byteLength(JSON.stringify(message));
  let images = 0;
  const text = JSON.stringify(message, (key, value: unknown) => {
    if (key !== 'source' || (value as { type?: unknown }).type !== 'base64') return value;
    images++;
    return null;
  });
  return Buffer.byteLength(text) + images * tokensOfImage;
}
