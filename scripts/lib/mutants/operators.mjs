import ts from "typescript";

const { SyntaxKind } = ts;

/** @typedef {{ operator: string, text: string }} Replacement `text` is empty where a statement is left out */
/** @typedef {(node: ts.Node, text: (node: ts.Node) => string) => readonly Replacement[]} Operator gives the faults that it makes of a node */

/** @type {Readonly<Record<string, readonly string[]>>} */
const binary = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "&": ["|"],
  "|": ["&"],
  "<<": [">>>"],
  ">>>": ["<<"],
  "+=": ["-="],
  "-=": ["+="],
};
const comparisons = new Set(["<", "<=", ">", ">=", "===", "!=="]);

/** @type {readonly Operator[]} */
const operators = [
  (node, text) => {
    if (!ts.isBinaryExpression(node) || isOfText(node)) return [];
    const sign = node.operatorToken.getText();
    const [left, right] = [text(node.left), text(node.right)];
    if (sign === "??") return [left, right].map((one) => ({ operator: "one side of ??", text: one }));
    const operator = comparisons.has(sign) ? "comparison" : sign === "&&" || sign === "||" ? "and, or" : "arithmetic";
    return (binary[sign] ?? []).map((other) => ({ operator, text: `${left} ${other} ${right}` }));
  },
  (node, text) => {
    if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return [];
    const operand = text(node.operand);
    if (node.operator === SyntaxKind.ExclamationToken) return [{ operator: "negation removed", text: operand }];
    if (node.operator !== SyntaxKind.PlusPlusToken && node.operator !== SyntaxKind.MinusMinusToken) return [];
    const other = node.operator === SyntaxKind.PlusPlusToken ? "--" : "++";
    return [
      { operator: "count", text: ts.isPrefixUnaryExpression(node) ? `${other}${operand}` : `${operand}${other}` },
    ];
  },
  // the branches swapped
  (node, text) => {
    const parent = /** @type {ts.Node | undefined} */ (node.parent);
    if (parent === undefined) return [];
    const isCondition =
      (ts.isIfStatement(parent) && parent.expression === node) ||
      (ts.isConditionalExpression(parent) && parent.condition === node);
    if (!isCondition || isNegatedElsewhere(node)) return [];
    return [{ operator: "condition negated", text: `!(${text(node)})` }];
  },
  (node) => {
    if (node.kind === SyntaxKind.TrueKeyword) return [{ operator: "constant", text: "false" }];
    if (node.kind === SyntaxKind.FalseKeyword) return [{ operator: "constant", text: "true" }];
    if (!ts.isNumericLiteral(node) || isName(node)) return [];
    return [{ operator: "constant", text: `${Number(node.text) + 1}` }];
  },
  (node, text) => (ts.isAwaitExpression(node) ? [{ operator: "await removed", text: text(node.expression) }] : []),
  (node, text) => {
    if (!ts.isCallExpression(node)) return [];
    const callee = text(node.expression);
    const other = { "Math.min": "Math.max", "Math.max": "Math.min" }[callee];
    const rest = () => node.arguments.map(text).join(", ");
    return other === undefined ? [] : [{ operator: "min, max", text: `${other}(${rest()})` }];
  },
  (node) => {
    const isRemovable = ts.isExpressionStatement(node)
      ? hasEffect(node.expression)
      : ts.isThrowStatement(node) ||
        ts.isContinueStatement(node) ||
        (ts.isReturnStatement(node) && node.expression === undefined);
    return isRemovable ? [{ operator: "statement removed", text: "" }] : [];
  },
];

/** @type {Operator} */
export const replacementsOf = (node, text) => operators.flatMap((operator) => operator(node, text));

/** @param {ts.BinaryExpression} node texts are joined, and words of messages are no behaviour */
function isOfText({ operatorToken, left, right }) {
  if (operatorToken.kind !== SyntaxKind.PlusToken && operatorToken.kind !== SyntaxKind.PlusEqualsToken) return false;
  return [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));
}

/** @param {ts.Node} node conditions that another operator turns into their opposite */
const isNegatedElsewhere = (node) =>
  (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken) ||
  (ts.isBinaryExpression(node) && comparisons.has(node.operatorToken.getText()));

/** @param {ts.NumericLiteral} node */
const isName = (node) => ts.isPropertyAssignment(node.parent) && node.parent.name === node;

/** @param {ts.Expression} expression @returns {boolean} */
function hasEffect(expression) {
  if (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) return hasEffect(expression.expression);
  if (ts.isCallExpression(expression)) return expression.expression.kind !== SyntaxKind.SuperKeyword;
  if (ts.isDeleteExpression(expression)) return true;
  if (!ts.isBinaryExpression(expression)) return false;
  const { kind } = expression.operatorToken;
  return kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment;
}
