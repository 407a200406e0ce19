import Foundation
import LoadModel

/// Writes the report of a run: `report.html`, `report.json`, `report.txt`, `tally.json` for merging, and one `latency-<outcome>.json` per outcome
/// that occurred.
struct ReportFiles {
    let directory: URL

    func write(_ report: RunReport, tally: Tally, groups: [(name: String, tally: Tally)]) throws(RunFailure) {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try Self.json(report).write(to: directory.appending(path: "report.json"))
            try Data(TableReport.text(report).utf8).write(to: directory.appending(path: "report.txt"))
            try Data(ReportPage.html(report).utf8).write(to: directory.appending(path: "report.html"))
            try Self.compactJSON(TallyFile(total: tally, groups: groups)).write(to: directory.appending(path: "tally.json"))
            for outcome in Outcome.allCases where tally.count(outcome) > 0 {
                let file = HistogramFile(outcome: outcome, histogram: tally.latency(outcome))
                try Self.json(file).write(to: directory.appending(path: "latency-\(outcome.rawValue).json"))
            }
        } catch {
            throw RunFailure(status: .failed, message: "--report \(directory.path): \(error.localizedDescription)")
        }
    }

    /// - Throws: when the folder does not hold the report of a run, or one of another schema version.
    func read() throws(RunFailure) -> MergedRun.Part {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let head = try decoder.decode(SchemaHead.self, from: Data(contentsOf: directory.appending(path: "report.json")))
            guard head.schemaVersion == RunReport.schemaVersionCurrent else {
                throw RunFailure(
                    status: .usage,
                    message: "\(directory.path): schema version \(head.schemaVersion), and not \(RunReport.schemaVersionCurrent)")
            }
            return MergedRun.Part(
                report: try decoder.decode(RunReport.self, from: Data(contentsOf: directory.appending(path: "report.json"))),
                file: try decoder.decode(TallyFile.self, from: Data(contentsOf: directory.appending(path: "tally.json"))))
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(status: .usage, message: "\(directory.path): no report of a run: \(error.localizedDescription)")
        }
    }

    private struct SchemaHead: Decodable {
        var schemaVersion: Int
    }

    /// Prints the report on standard output.
    static func show(_ report: RunReport, as format: OutputFormat) throws {
        switch format {
        case .table: print(TableReport.text(report), terminator: "")
        case .json: FileHandle.standardOutput.write(try json(report))
        }
    }

    static func json(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }

    private static func compactJSON(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
