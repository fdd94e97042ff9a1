/** Reports for a terminal and as Markdown. */
import type { Report, Section, Table } from "./model.ts";

/** The report as plain text, no line longer than `width` where words allow it. */
export function reportText(report: Report, width = 80): string {
  const parts = [report.title, "=".repeat(Math.min(width, report.title.length)), "", ...wrapped(report.answer, width)];
  for (const section of report.sections) {
    // What is only drawn stands in the HTML form.
    if (section.lines !== undefined || section.table !== undefined) parts.push("", ...sectionText(section, width));
  }
  parts.push("", ...wrapped(`Made by: ${report.command}`, width));
  return parts.join("\n");
}

function sectionText(section: Section, width: number): string[] {
  const lines = (section.lines ?? []).flatMap((line) => wrapped(line, width));
  const table = section.table === undefined ? [] : tableText(section.table, width);
  return [section.heading, "-".repeat(Math.min(width, section.heading.length)), ...lines, ...table];
}

/** Words of a text in lines of at most `width`. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const NUMBER = /^[+-]?\$?[\d.,]+( ?[%R]| \w+)?$/;

/** Columns side by side; where the screen is too narrow, one row below the other. */
function tableText({ columns, rows }: Table, width: number): string[] {
  const widths = columns.map((name, at) => Math.max(name.length, ...rows.map((row) => (row[at] ?? "").length)));
  const right = columns.map((_, at) =>
    rows.length > 0 && rows.every((row) => /^(-|)$/.test(row[at] ?? "") || NUMBER.test(row[at] ?? ""))
  );
  const total = widths.reduce((sum, each) => sum + each + 2, -2);
  if (total > width) return rows.flatMap((row) => narrowRow({ columns, row, width }));
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => right[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)).join("  ")
      .trimEnd();
  return [line(columns), line(widths.map((each) => "-".repeat(each))), ...rows.map(line)];
}

function narrowRow(
  { columns, row, width }: {
    readonly columns: readonly string[];
    readonly row: readonly string[];
    readonly width: number;
  },
): string[] {
  const rest = columns.slice(1).flatMap((name, at) =>
    wrapped(`${name}: ${row[at + 1] ?? ""}`, width - 2).map((line) => `  ${line}`)
  );
  return [...wrapped(row[0] ?? "", width), ...rest];
}

/** The report as Markdown; charts are only in the HTML form. */
export function reportMarkdown(report: Report): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const parts = [`# ${report.title}`, "", `**${report.answer}**`];
  for (const { heading, lines, table } of report.sections) {
    if (lines === undefined && table === undefined) continue;
    parts.push("", `## ${heading}`, "");
    for (const line of lines ?? []) parts.push(line, "");
    if (table !== undefined) {
      parts.push(`| ${table.columns.map(cell).join(" | ")} |`, `| ${table.columns.map(() => "---").join(" | ")} |`);
      for (const row of table.rows) parts.push(`| ${row.map(cell).join(" | ")} |`);
    }
  }
  parts.push("", "---", "", "Made by:", "", "```sh", report.command, "```", "");
  return parts.join("\n").replaceAll(/\n{3,}/g, "\n\n");
}
