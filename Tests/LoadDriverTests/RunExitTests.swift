import Foundation
import LoadModel
import LoadSupport
import NIOCore
import NIOPosix
import Testing

/// What the shell hears, each by the built program.
@Suite(.timeLimit(.minutes(5))) struct RunExitTests {
    static let rush = LoadCommand.rushArguments("http://127.0.0.1:9", rate: 1, duration: "1s")

    @Test(arguments: [
        ["rush"], ["walk"], rush + ["--rate", "fast"], rush + ["--rate", "0"], rush + ["--users", "0"], rush + ["--sale", "Demo!"],
        rush + ["--sku", ""], rush + ["--duration", "10"], rush + ["--target", "https://127.0.0.1"], rush + ["--target", "127.0.0.1:80"],
        rush + ["--connections", "0"], rush + ["--threads", "9"], rush + ["--duplicates", "1.5"], rush + ["--parallel", "1"],
        rush + ["--auth", "basic"], rush + ["--auth", "jwt:/nowhere/secret"], rush + ["--threshold-p99", "soon"],
        rush + ["--users-prefix", "a b"], rush + ["--pids", "service"], rush + ["--pids", "service=2147483647"], rush + ["--loud"],
        rush + ["-o", "yaml"], rush + ["--spike-rate", "0"], rush + ["--spike-rate", "5", "--spike-duration", "1s"],
        rush + ["--metrics-url", "127.0.0.1:9090"],
    ])
    func wrongUsageIsTwo(arguments: [String]) async throws {
        let outcome = try await LoadCommand.run(arguments)
        #expect(outcome.status == 2, "\(outcome.messages)")
        #expect(outcome.data.isEmpty && !outcome.messages.isEmpty)
    }

    @Test func helpIsNoError() async throws {
        let outcome = try await LoadCommand.run(["rush", "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.data.contains("--threshold-p99"))
    }

    @Test func noListenerIsUnreachable() async throws {
        // A port that was free a moment ago.
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        let outcome = try await LoadCommand.rush("http://127.0.0.1:\(port)", rate: 1, duration: "1s")
        #expect(outcome.status == 4)
        #expect(outcome.messages.contains("127.0.0.1:\(port)"))
        #expect(outcome.data.isEmpty)
    }

    @Test func impossibleRateMissesTheSchedule() async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { _, url in
            let outcome = try await LoadCommand.rush(url, rate: 10_000_000, duration: "5s")
            let report = try outcome.report()
            #expect(outcome.status == 3)
            #expect(!report.isScheduleKept)
            #expect(report.skipped > 0)
            #expect(report.lagMicroseconds.max > 1_000_000)
        }
    }

    @Test(
        arguments: [
            (["--threshold-p99", "30s", "--threshold-failures", "0", "--threshold-committed-rate", "1"], 0, []),
            (["--threshold-p99", "1us"], 99, ["threshold_p99"]),
            (["--threshold-committed-rate", "100000"], 99, ["threshold_committed_rate"]),
        ] as [([String], Int32, [String])])
    func missedThresholdIsNinetyNine(thresholds: [String], status: Int32, failed: [String]) async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { _, url in
            let outcome = try await LoadCommand.run(LoadCommand.rushArguments(url, rate: 50, duration: "0.2s") + thresholds)
            #expect(outcome.status == status)
            #expect(try outcome.report().failedRules == failed)
        }
    }

    @Test func runThatOnlyEverMeetsRefusalsFails() async throws {
        try await FakeService.with({ _ in .problem(404, "unknown_sale") }) { _, url in
            let outcome = try await LoadCommand.rush(url, rate: 50, duration: "0.2s")
            #expect(outcome.status == 99)
            #expect(try outcome.report().failedRules == ["answers_about_the_sale"])
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func interruptPrintsWhatThereIs(signal: Int32) async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { service, url in
            let command = try LoadCommand.start(LoadCommand.rushArguments(url, rate: 50, duration: "1h"))
            while service.requests.count < 10 { try await Task.sleep(for: .milliseconds(10)) }
            command.signal(signal)
            let outcome = try await command.outcome()
            let report = try outcome.report()
            #expect(outcome.status == 130)
            #expect(report.isInterrupted)
            #expect(report.count(.committed) >= 10)
            #expect(report.skipped > 100_000)
        }
    }

    @Test func interruptDoesNotWaitLongForAnswers() async throws {
        try await FakeService.with({ _ in .silence }) { service, url in
            let command = try LoadCommand.start(LoadCommand.rushArguments(url, rate: 50, duration: "1h") + ["--timeout", "1h"])
            while service.requests.count < 8 { try await Task.sleep(for: .milliseconds(10)) }
            command.signal(SIGINT)
            let outcome = try await command.outcome()
            #expect(outcome.status == 130)
            #expect(try outcome.report().count(.unknown) == 8)
        }
    }

    @Test func databaseThatDoesNotAnswerIsUnreachable() async throws {
        try await FakeService.with({ .committed($0.ordinal) }) { service, url in
            let outcome = try await LoadCommand.rush(
                url, rate: 50, duration: "0.2s", "--database-url", "postgresql://u:geheim@127.0.0.1:1/none")
            #expect(outcome.status == 4)
            #expect(outcome.messages.contains("psql"))
            #expect(!outcome.messages.contains("geheim"))
            #expect(service.requests.isEmpty)
        }
    }
}
