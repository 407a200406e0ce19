import Foundation
import LoadModel

/// Writes the report of a run: `report.json`, `report.txt`, and one `latency-<outcome>.json` per outcome that occurred.
struct ReportFiles {
    let directory: URL

    func write(_ report: RunReport, tally: Tally) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Self.json(report).write(to: directory.appending(path: "report.json"))
        try Data(TableReport.text(report).utf8).write(to: directory.appending(path: "report.txt"))
        for outcome in Outcome.allCases where tally.count(outcome) > 0 {
            let file = HistogramFile(outcome: outcome, histogram: tally.latency(outcome))
            try Self.json(file).write(to: directory.appending(path: "latency-\(outcome.rawValue).json"))
        }
    }

    static func json(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
