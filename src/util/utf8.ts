/** How many bytes a text takes in UTF-8, counted only where that may be more than `limit`: elsewhere, at least as many. */
export function utf8Length(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length;
}
