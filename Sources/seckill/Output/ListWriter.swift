import Foundation
import OperatorAPI

/// Writes a list in the form that is wanted, a page after the other. CSV, NDJSON and names go out
/// as they come; a table, JSON and YAML need all of it.
struct ListWriter<Row: Listed> {
    private let format: OutputFormat
    private let columns: [Column<Row>]
    private let hasMark: Bool
    private var isBegun = false
    private var kept: [Row] = []
    private let encoder: JSONEncoder

    /// - Parameter keys: of the columns that are wanted, in their order; all when `nil`.
    init(_ format: OutputFormat, keys: [String]? = nil, hasMark: Bool = false) throws(CommandFailure) {
        self.format = format
        self.hasMark = hasMark
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let keys else {
            columns = Row.columns
            return
        }
        let all = Row.columns.filter { !$0.isDigest }
        var chosen: [Column<Row>] = []
        for key in keys {
            guard let column = all.first(where: { $0.key == key }) else {
                throw CommandFailure(.usage, "--columns: there is no column \(key); there are \(all.map(\.key).joined(separator: ","))")
            }
            chosen.append(column)
        }
        columns = chosen
    }

    mutating func add(_ rows: [Row]) throws {
        switch format {
        case .table, .wide, .json, .yaml: kept += rows
        case .name: if !rows.isEmpty { Console.data(rows.map { $0.name + "\n" }.joined()) }
        case .ndjson:
            if !rows.isEmpty { Console.data(try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()) }
        case .csv:
            let columns = columns.filter { !$0.isDigest }
            let header = isBegun ? "" : (hasMark ? CSVLine.mark : "") + CSVLine.text(columns.map { ($0.key, false) })
            isBegun = true
            let lines = rows.map { row in CSVLine.text(columns.map { ($0.data(row), $0.alignment == .right) }) }
            if case let text = header + lines.joined(), !text.isEmpty { Console.data(text) }
        }
    }

    mutating func end() throws {
        switch format {
        case .table, .wide:
            let shown = columns.filter { format == .wide ? !$0.isDigest : !$0.isWide || columns.count < Row.columns.count }
            var table = TextTable(columns: shown.map { ($0.title, $0.alignment, $0.isFlexible) })
            for row in kept { table.add(cells: shown.map { $0.text(row) }) }
            table.print(fitting: format == .wide ? nil : TextTable.usualWidth, wraps: Row.isWrapped)
        case .json: try JSONOutput.print([Row.plural: kept])
        case .yaml: try YAMLOutput.print([Row.plural: kept])
        case .csv: try add([])
        case .ndjson, .name: break
        }
    }

    static func print(_ rows: [Row], _ format: OutputFormat) throws {
        var writer = try ListWriter(format)
        try writer.add(rows)
        try writer.end()
    }
}
