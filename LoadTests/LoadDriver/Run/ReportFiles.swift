import Foundation
import LoadModel
import LoadSupport

/// Writes the report of a run: `report.html`, `report.json`, `report.txt`, `tally.json` for
/// merging, and one `latency-<outcome>.json` per outcome that occurred.
struct ReportFiles {
    let directory: String

    func write(_ report: RunReport, tally: Tally, groups: [(name: String, tally: Tally)]) throws(RunFailure) {
        do {
            let folder = try ReportFolder(directory)
            try folder.writeJSON(report, to: "report.json")
            try folder.write(TableReport.text(report), to: "report.txt")
            try folder.write(ReportPage.html(report), to: "report.html")
            try folder.writeJSON(TallyFile(total: tally, groups: groups), isPretty: false, to: "tally.json")
            for outcome in Outcome.allCases where tally.count(outcome) > 0 {
                let file = HistogramFile(outcome: outcome, histogram: tally.latency(outcome))
                try folder.writeJSON(file, to: "latency-\(outcome.rawValue).json")
            }
        } catch {
            throw RunFailure(status: .failed, message: "--report \(directory): \(error.localizedDescription)")
        }
    }

    /// - Throws: when the folder does not hold the report of a run, or one of another schema
    ///   version.
    func read() throws(RunFailure) -> MergedRun.Part {
        do {
            let head = try ReportFolder.decode(SchemaHead.self, from: "report.json", in: directory)
            guard head.schemaVersion == RunReport.schemaVersionCurrent else {
                throw RunFailure(
                    status: .usage, message: "\(directory): schema version \(head.schemaVersion), and not \(RunReport.schemaVersionCurrent)")
            }
            return MergedRun.Part(
                report: try ReportFolder.decode(RunReport.self, from: "report.json", in: directory),
                file: try ReportFolder.decode(TallyFile.self, from: "tally.json", in: directory))
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(status: .usage, message: "\(directory): no report of a run: \(error.localizedDescription)")
        }
    }

    private struct SchemaHead: Decodable {
        var schemaVersion: Int
    }

    /// Prints the report on standard output.
    static func show(_ report: RunReport, as format: OutputFormat) throws {
        switch format {
        case .table: print(TableReport.text(report), terminator: "")
        case .json: FileHandle.standardOutput.write(try ReportJSON.data(report))
        }
    }
}
