/** One report in every form a person or a script wants it. */
import type { Report } from "../reports/model.ts";
import { reportMarkdown, reportText } from "../reports/text.ts";
import type { LabIo } from "../io.ts";

export type ShowFlags = {
  /** Write report.md, report.html and report.json here. */
  readonly out?: string;
  readonly json?: boolean;
  readonly width: number;
};

/** Prints the report, writes its files, ends with one JSON object when asked. The charting library is loaded only here. */
export async function show(
  io: LabIo,
  of: { readonly report: Report; readonly json: Readonly<Record<string, unknown>>; readonly name: string },
  flags: ShowFlags,
): Promise<void> {
  for (const line of reportText(of.report, flags.width).split("\n")) io.out(line);
  if (flags.out !== undefined) {
    const { reportHtml } = await import("../reports/html.ts");
    const path = `${flags.out.replace(/\/+$/, "")}/${of.name}`;
    const files: readonly (readonly [string, string])[] = [
      [`${path}.md`, reportMarkdown(of.report)],
      [`${path}.html`, reportHtml(of.report)],
      [`${path}.json`, `${JSON.stringify(of.json, null, 2)}\n`],
    ];
    for (const [file, text] of files) io.writeFile(file, text);
    io.out("");
    io.out(`Written: ${files.map(([file]) => file).join(", ")}`);
  }
  if (flags.json === true) io.out(JSON.stringify(of.json));
}
