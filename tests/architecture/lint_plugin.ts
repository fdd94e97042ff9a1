/** Keeps ambient time, randomness and effects out of the core (architecture.md, walls). */
const CORE = /\/src\/(domain|application)\/(?!engine\/)/;
/** The one catch of the core: a throw in a step halts and leaves protection to the guardian (F-11.8). */
const MAY_CATCH = "/src/application/guardian/guardian.ts";
const BANNED = new Set([
  "Deno",
  "fetch",
  "WebSocket",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "console",
  "performance",
  "crypto",
  "globalThis",
  "process",
  "Temporal",
  "Promise",
]);
/** `createHash` for signal ids (F-10.1) is the one function of the platform the core may name. */
const ALLOWED_MODULES = /^(\.{1,2}\/|node:crypto$)/;
const BANNED_MEMBERS = new Set(["Date.now", "Math.random"]);

/** Hidden state is a fault: a cache belongs to an object that someone owns. Composition roots may hold what they build. */
const SOURCE = /\/src\/(?!programs\/[a-z_]+\/main\.ts$)/;
const EMPTY_STORE = /^new (Map|WeakMap|Set|WeakSet)(<.*>)?\(\)$/s;

export default {
  name: "abot",
  rules: {
    "no-module-state": {
      create(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
        if (!SOURCE.test(context.filename.replaceAll("\\", "/"))) return {};
        return {
          VariableDeclaration(node) {
            const { parent } = node;
            if (parent.type !== "Program" && parent.type !== "ExportNamedDeclaration") return;
            for (const { id, init } of node.declarations) {
              const store = init !== null && EMPTY_STORE.test(context.sourceCode.getText(init));
              if (node.kind !== "let" && !store) continue;
              const name = context.sourceCode.getText(id);
              context.report({ node, message: `${name} is module state: give it to an object that someone owns` });
            }
          },
        };
      },
    },
    "pure-core": {
      create(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
        if (!CORE.test(context.filename.replaceAll("\\", "/"))) return {};
        const refuse = (node: Deno.lint.Node, what: string) =>
          context.report({ node, message: `Core may not ${what}: it arrives as an Event or leaves as an Intent` });
        const notAsync = (node: Deno.lint.Node & { readonly async: boolean }) => {
          if (node.async) refuse(node, "be async");
        };
        return {
          Identifier(node) {
            const { parent } = node;
            const named = parent.type === "MemberExpression" && parent.property === node && !parent.computed;
            const key = (parent.type === "Property" || parent.type === "TSPropertySignature") && parent.key === node &&
              !parent.computed;
            if (BANNED.has(node.name) && !named && !key) refuse(node, `name ${node.name}`);
          },
          MemberExpression(node) {
            const text = context.sourceCode.getText(node);
            if (BANNED_MEMBERS.has(text)) refuse(node, `read ${text}`);
          },
          NewExpression(node) {
            if (context.sourceCode.getText(node.callee) === "Date" && node.arguments.length === 0) {
              refuse(node, "read the clock with new Date()");
            }
          },
          CallExpression(node) {
            if (context.sourceCode.getText(node.callee) === "Date") refuse(node, "read the clock with Date()");
          },
          ImportDeclaration(node) {
            if (!ALLOWED_MODULES.test(node.source.value)) refuse(node, `import ${node.source.value}`);
          },
          AwaitExpression(node) {
            refuse(node, "await");
          },
          TryStatement(node) {
            if (!context.filename.replaceAll("\\", "/").endsWith(MAY_CATCH)) refuse(node, "catch");
          },
          FunctionDeclaration: notAsync,
          FunctionExpression: notAsync,
          ArrowFunctionExpression: notAsync,
        };
      },
    },
  },
} satisfies Deno.lint.Plugin;
