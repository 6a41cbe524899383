// @ts-check
// What can stand at a place of a condition. Pure: text in, an answer out.

const TOKEN = /'(?:[^']|'')*'?|"[^"]*"?|[A-Za-z_][\w.]*|\d+(?:\.\d+)?|<>|!=|<=|>=|[=<>(),]|\S/g
const OPERATORS = new Set(["=", "<>", "!=", "<", "<=", ">", ">="])
const JOINTS = new Set(["AND", "OR", "NOT"])
const WORDS = new Set(["IN", "BETWEEN", "LIKE", "IS", "NULL", "TRUE", "FALSE", ...JOINTS])

/**
 * @param {string} text
 * @param {number} caret
 * @returns {{ wants: "field" | "operator" | "value" | "joint", field: string, partial: string, start: number }}
 */
export function context(text, caret) {
  const before = text.slice(0, caret)
  const tokens = Array.from(before.matchAll(TOKEN), (found) => ({ text: found[0], start: found.index ?? 0 }))
  const last = tokens.at(-1)
  // The word the caret stands at the end of is not written yet.
  const open = last && last.start + last.text.length === caret && /^['"\w]/.test(last.text) && !isWhole(last.text) ? tokens.pop() : undefined
  const partial = open?.text ?? ""
  const start = open?.start ?? caret
  const words = tokens.map((token) => token.text)
  const previous = words.at(-1) ?? ""
  const upper = previous.toUpperCase()
  const list = inList(words)
  if (list && (previous === "(" || previous === ",")) return { wants: "value", field: list, partial, start }
  if (OPERATORS.has(previous)) return { wants: "value", field: words.at(-2) ?? "", partial, start }
  if (upper === "LIKE" || upper === "BETWEEN") return { wants: "value", field: fieldBefore(words), partial, start }
  if (upper === "AND" && betweens(words)) return { wants: "value", field: betweens(words), partial, start }
  if (previous === "" || JOINTS.has(upper) || previous === "(") {
    const isAfterField = upper === "NOT" && isField(words.at(-2) ?? "")
    return { wants: isAfterField ? "operator" : "field", field: isAfterField ? (words.at(-2) ?? "") : "", partial, start }
  }
  if (isField(previous)) return { wants: "operator", field: previous, partial, start }
  return { wants: "joint", field: "", partial, start }
}

/** @param {string} text */
function isWhole(text) {
  return text.length > 1 && ((text[0] === "'" && text.endsWith("'")) || (text[0] === '"' && text.endsWith('"')))
}

/** @param {string} word */
function isField(word) {
  return /^["A-Za-z_]/.test(word) && !WORDS.has(word.toUpperCase())
}

/** The field of the list that is open at the end. @param {string[]} words */
function inList(words) {
  const opened = words.lastIndexOf("(")
  if (opened < 1 || words.lastIndexOf(")") > opened || words[opened - 1].toUpperCase() !== "IN") return ""
  return fieldBefore(words.slice(0, opened))
}

/** @param {string[]} words */
function fieldBefore(words) {
  return words.filter(isField).at(-1) ?? ""
}

/** The field of a BETWEEN whose AND was just written. @param {string[]} words */
function betweens(words) {
  return (words.at(-3) ?? "").toUpperCase() === "BETWEEN" ? fieldBefore(words.slice(0, -3)) : ""
}
