import ArgumentParser
import Foundation
import LoadModel

/// The runs of several generators as one.
struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One report of several generators' runs.",
        discussion: "Runs are laid side by side by their starts. A rule holds when it holds in every run; thresholds given here are about the whole.")

    @Argument(help: "Folders that runs have written with --report.") var directories: [String]
    @Option(help: "Write the report to this folder.") var report: String?
    @Option(name: .shortAndLong, help: "What to print: table or json.") var output = OutputFormat.table
    @OptionGroup var limits: ThresholdOptions

    func run() async throws {
        let merged = MergedRun(try directories.map { try ReportFiles(directory: $0).read() }, thresholds: limits.thresholds())
        try ReportFiles.show(merged.report, as: output)
        if let report {
            try ReportFiles(directory: report).write(merged.report, tally: merged.tally, groups: merged.groups)
        }
        if merged.report.exit != .ok { throw ExitCode(merged.report.exit.rawValue) }
    }
}
