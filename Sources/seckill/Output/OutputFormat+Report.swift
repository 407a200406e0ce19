extension OutputFormat {
    /// Prints what is no list: for programs, or as `table` does it for people. Whoever asks for
    /// lines of a list gets that, too: what was done must not end in a refusal to say so.
    func print(_ report: some Encodable, table: () throws -> Void) throws {
        switch self {
        case .table, .wide, .csv, .name: try table()
        case .json: try JSONOutput.print(report)
        case .ndjson: try JSONOutput.printLine(report)
        case .yaml: try YAMLOutput.print(report)
        }
    }
}
