const CORE = /\/src\/(domain|application)\/(?!engine\/)/;
const BANNED = new Set(["Deno", "fetch", "WebSocket", "setTimeout", "setInterval", "console", "performance", "crypto"]);
/** Keeps ambient time, randomness and effects out of the core. */
export default {
  name: "abot",
  rules: {
    "pure-core": {
      create(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
        if (!CORE.test(context.filename.replaceAll("\\", "/"))) return {};
        return {
          Identifier(node) {
            if (BANNED.has(node.name) && node.parent.type !== "MemberExpression") {
              context.report({
                node,
                message: `Core may not name ${node.name}: it arrives as an Event or leaves as an Intent`,
              });
            }
          },
          MemberExpression(node) {
            const text = context.sourceCode.getText(node);
            if (text === "Date.now" || text === "Math.random" || BANNED.has(text.split(".")[0]!)) {
              context.report({ node, message: `Core may not read ${text}` });
            }
          },
          NewExpression(node) {
            if (context.sourceCode.getText(node.callee) === "Date" && node.arguments.length === 0) {
              context.report({ node, message: "Core may not read the clock with new Date()" });
            }
          },
          AwaitExpression(node) {
            context.report({ node, message: "Core may not await: send an Intent, receive an Event" });
          },
        };
      },
    },
  },
} satisfies Deno.lint.Plugin;
