/** Sets a key that a host chose: `__proto__`, too, becomes a key like any other. */
export function setOwn<Value>(record: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(record, key, { value, configurable: true, enumerable: true, writable: true });
}
