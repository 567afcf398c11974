/** What SQLite makes of the name of a type. */
export function affinity(type: string): 'integer' | 'text' | 'blob' | 'real' | 'numeric' {
  if (/int/i.test(type)) return 'integer';
  if (/char|clob|text/i.test(type)) return 'text';
  if (/blob/i.test(type) || type.trim() === '') return 'blob';
  return /real|floa|doub/i.test(type) ? 'real' : 'numeric';
}
