import ArgumentParser
import BenchModel
import LoadSupport

/// Runs `measure`, writes its report to `directory`, and prints it if it is a result.
///
/// - Parameter name: of the report's files.
/// - Throws: the exit code of whatever is not a result: interrupted, busy, or wrong answers or
///   books.
func conclude<Report: BenchReport>(
    _ name: String, in directory: String, allowsBusy: Bool, _ measure: @escaping @Sendable () async throws -> Report,
    alsoWriting writeMore: (Report, ReportFolder) throws -> Void = { _, _ in }
) async throws {
    let result: Report
    do {
        result = try await untilInterrupted(measure)
    } catch is CancellationError {
        throw ExitCode(130)
    } catch let busy as BusyMachine {
        Messages.say("error: \(busy.description)")
        throw ExitCode(3)
    }
    let folder = try ReportFolder(directory)
    try folder.writeJSON(result, to: "\(name).json")
    try folder.write(result.markdown, to: "\(name).md")
    try writeMore(result, folder)
    result.faults.forEach { Messages.say("wrong: \($0)") }
    guard result.faults.isEmpty else { throw ExitCode(99) }
    guard result.isConclusive || allowsBusy else {
        result.doubts.forEach { Messages.say($0) }
        Messages.say("error: the machine was busy with something else, so this is no result; the figures are in \(directory)")
        throw ExitCode(3)
    }
    print(result.markdown, terminator: "")
    Messages.say("report: \(directory)")
}
