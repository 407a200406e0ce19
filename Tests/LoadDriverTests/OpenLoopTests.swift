import Foundation
import LoadModel
import LoadSupport
import NIOCore
import Testing

/// Latencies are those that buyers would have had, whatever the server does to the generator.
@Suite(.timeLimit(.minutes(5))) struct OpenLoopTests {
    /// The server stands still for one second: of 200 arrivals a second, half of those that come
    /// meanwhile wait more than half a second. A closed loop of 8 connections would see 8 slow
    /// answers and no others (coordinated omission). What each arrival waited at least is known
    /// from when the server wrote its answer.
    @Test func arrivalsDuringAStallCountFromTheirIntendedInstants() async throws {
        let opening = OnceInstant()
        let directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try await FakeService.with({ .committed($0.ordinal, after: Self.restOfStall(since: opening)) }) { service, url in
            let report = try await LoadCommand.rush(url, rate: 200, duration: "2.5s", "--report", directory.path).report()
            #expect(report.count(.committed) == 500)
            let start = try #require(service.answered.map(\.receivedAt).min())
            let waits = service.answered.map { $0.writtenAt - (start + .milliseconds(5 * Int64($0.ordinal))) }
            let slowAtServer = waits.count { $0 >= .milliseconds(500) }
            #expect(slowAtServer >= 80)

            let file = try ReportJSON.decode(
                HistogramFile.self, from: Data(contentsOf: directory.appending(path: "latency-committed.json")))
            let slow = file.buckets.filter { $0.microseconds >= 500_000 }.reduce(0) { $0 + Int($1.count) }
            // Eight connections may take arrivals past each other.
            #expect(slow >= slowAtServer - 8, "\(slow) answers were slow, \(slowAtServer) by the server's own clock")
            let longest = try #require(waits.max())
            #expect(Int64(report.latency(.committed)?.max ?? 0) >= longest.nanoseconds / 1_000 - 50_000)
            // What they waited for was a connection.
            #expect(report.connectionWaitMicroseconds.max > 800_000)
        }
    }

    @Test func reportFilesHoldTheSameRun() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-report-\(UUID().uuidString)/nested")
        defer { try? FileManager.default.removeItem(at: directory.deletingLastPathComponent()) }
        try await FakeService.with({ .committed($0.ordinal) }) { _, url in
            let report = try await LoadCommand.rush(url, rate: 50, duration: "0.2s", "--report", directory.path).report()
            let file = try ReportJSON.decode(RunReport.self, from: Data(contentsOf: directory.appending(path: "report.json")))
            #expect(file == report)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == [
                    "latency-committed.json", "report.html", "report.json", "report.txt", "tally.json",
                ])
        }
    }

    /// From half a second after the first request on, nothing is answered for a second.
    private static func restOfStall(since opening: OnceInstant) -> TimeAmount {
        let now = NIODeadline.now()
        let from = opening.set(now) + .milliseconds(500)
        let until = from + .seconds(1)
        return now >= from && now < until ? until - now : .zero
    }
}
