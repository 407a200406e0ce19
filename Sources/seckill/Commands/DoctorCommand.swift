import ArgumentParser
import Logging
import ServerAssembly

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what sales stand on: stores, schema, settings, clocks, and the books of every sale.",
        discussion: """
            Names the settings of Redis and Postgres that lose orders or stall sales, and what to set in their place; the service warns of them at its start, \
            too. A node that has fallen silent, and a store that is away, are named. Ends with 7 if anything is wrong.

            Examples:
              seckill doctor
              seckill doctor -o json | jq '.checks[] | select(.verdict == "wrong")'
            """)

    @OptionGroup var output: ReportOptions
    @OptionGroup var stores: StoreFlags

    func run() async throws {
        let settings = try Settings.load(stores.overrides)
        let diagnosis: Diagnosis
        do {
            diagnosis = try await Diagnosis.make(settings, logger: Logger(label: "seckill") { _ in SwiftLogNoOpLogHandler() })
        } catch {
            throw CommandFailure(error, settings: settings)
        }
        let report = DoctorReport(diagnosis)
        try output.output.print(report) { report.print(output.output) }
        guard report.healthy else { throw CommandFailure(.checkFailed, "something is wrong: see above") }
    }
}
