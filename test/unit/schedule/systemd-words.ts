/**
 * What a program gets from the words of an ExecStart= line: quotes and C escapes (systemd.syntax(7)), then specifiers
 * (systemd.unit(5)), then variables (systemd.service(5)), in that order. Throws for whatever would not be plain text.
 */
export function programGets(line: string): string[] {
  return unquotedWords(line).map((word) => withoutVariables(withoutSpecifiers(word)));
}

function unquotedWords(line: string): string[] {
  if (/[\u0000-\u001f\u007f]/.test(line)) throw new Error("a control character ends or breaks the line");
  const words: string[] = [];
  let rest = line;
  while (rest !== "") {
    const match = /^"((?:[^"\\]|\\.)*)"(?: |$)/u.exec(rest);
    if (!match) throw new Error(`no quoted word at ${rest}`);
    words.push(unescaped(match[1] ?? ""));
    rest = rest.slice(match[0].length);
  }
  return words;
}

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|["\\]|.|$)/gu, (_match, escaped: string) => {
    if (escaped === '"' || escaped === "\\") return escaped;
    if (/^x..$/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    throw new Error(`an escape that is not written: \\${escaped}`);
  });
}

function withoutSpecifiers(text: string): string {
  return text.replace(/%(.|$)/gsu, (_match, specifier: string) => {
    if (specifier !== "%") throw new Error(`a specifier: %${specifier}`);
    return "%";
  });
}

function withoutVariables(text: string): string {
  return text.replace(/\$(.|$)/gsu, (_match, next: string) => {
    if (next !== "$") throw new Error(`a variable: $${next}`);
    return "$";
  });
}
