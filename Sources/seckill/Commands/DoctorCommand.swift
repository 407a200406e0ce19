import ArgumentParser
import ServerAssembly

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check what sales stand on: stores, their settings, clocks, and the books of every sale.",
        discussion: """
            Names the settings of Redis and Postgres that lose orders or stall sales, and what to set in their place; the service warns of them at its start, \
            too. Ends with 7 if anything is wrong.

            Examples:
              seckill doctor
              seckill doctor -o json | jq '.checks[] | select(.verdict == "wrong")'
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var stores: StoreFlags

    func run() async throws {
        let diagnosis = try await withSession(stores) { await $0.diagnosis() }
        let report = DoctorReport(diagnosis)
        try output.output.print(report) { report.print() }
        guard report.healthy else { throw CommandFailure(.checkFailed, "something is wrong: see above") }
    }
}
