import Foundation
import LoadModel
import NIOCore
import Testing

/// Latencies are those that buyers would have had, whatever the server does to the generator.
@Suite(.timeLimit(.minutes(2))) struct OpenLoopTests {
    /// The server stands still for one second: of 200 arrivals a second, half of those that come meanwhile wait more than half a second. A closed
    /// loop of 8 connections would see 8 slow answers and no others (coordinated omission).
    @Test func arrivalsDuringAStallCountFromTheirIntendedInstants() async throws {
        let stall = Stall()
        let directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try await FakeService.with({ .committed($0.ordinal, after: stall.delay()) }) { service, url in
            let outcome = try await LoadCommand.rush(url, rate: 200, duration: "2.5s", "--report", directory.path)
            let report = try outcome.report()
            #expect(report.count(.committed) == 500)
            #expect(service.requests.count == 500)
            let file = try LoadCommand.Outcome.decode(
                HistogramFile.self, Data(contentsOf: directory.appending(path: "latency-committed.json")))
            let slow = file.buckets.filter { $0.microseconds >= 500_000 }.reduce(0) { $0 + $1.count }
            #expect((80...140).contains(slow), "\(slow) answers took more than half a second")
            #expect((900_000...1_500_000).contains(report.latency(.committed)?.max ?? 0))
            // The generator was on time; it was the connections that were busy.
            #expect(report.lagMicroseconds.p99 < 200_000)
            #expect(report.connectionWaitMicroseconds.max > 800_000)
            #expect(FileManager.default.fileExists(atPath: directory.appending(path: "report.txt").path))
            #expect(try LoadCommand.Outcome.decode(RunReport.self, Data(contentsOf: directory.appending(path: "report.json"))) == report)
        }
    }

    /// From half a second after the first request on, nothing is answered for a second.
    private struct Stall: Sendable {
        private let first = OnceInstant()

        func delay() -> TimeAmount {
            let now = NIODeadline.now()
            let from = first.set(now) + .milliseconds(500)
            let until = from + .seconds(1)
            return now >= from && now < until ? until - now : .zero
        }
    }
}
