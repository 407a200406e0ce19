/// A table as Markdown wants it: the first column is text, the others are figures.
package struct MarkdownTable: Sendable {
    private var lines: [String]

    package init(_ columns: [String]) {
        lines = [Self.line(columns), Self.line(["---"] + columns.dropFirst().map { _ in "---:" })]
    }

    package mutating func append(_ cells: [String]) {
        lines.append(Self.line(cells))
    }

    package var text: String { lines.joined(separator: "\n") + "\n" }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }
}
