import ArgumentParser

/// Of what is no list. Who asks for rows or names is refused before anything is done: what was done
/// must not end in a refusal to say so.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case wide
    case json
    case ndjson
    case yaml

    /// Prints for programs, or as `table` does it for people.
    func print(_ report: some Encodable, table: () throws -> Void) throws {
        switch self {
        case .table, .wide: try table()
        case .json: try JSONOutput.print(report)
        case .ndjson: try JSONOutput.printLine(report)
        case .yaml: try YAMLOutput.print(report)
        }
    }
}
