/** What is committed in place of an answer without content, which cannot be sent back to the API. */
export const noAnswer = '(no answer)';
