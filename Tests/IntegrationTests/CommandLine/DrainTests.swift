import Foundation
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Synchronization
import Testing

/// `seckill serve` as a process that is told to stop.
@Suite(.timeLimit(.minutes(4))) struct DrainTests {
    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)

        var isRaised: Bool { value.load(ordering: .relaxed) }
        func raise() { value.store(true, ordering: .relaxed) }
    }

    private struct Node {
        let process: RunningCommand
        let service: ServiceUnderTest
    }

    private func start(over stores: StoresUnderTest, _ overrides: [String: String]) async throws -> Node {
        let (port, admin) = (try LocalPort.free(), try LocalPort.free())
        var environment = stores.environment.merging(overrides) { $1 }
        environment["SECKILL_BIND"] = "127.0.0.1:\(port)"
        environment["SECKILL_ADMIN_BIND"] = "127.0.0.1:\(admin)"
        let process = try RunningCommand(SeckillCommand.executable, ["serve"], environment: environment)
        let service = ServiceUnderTest(
            address: ListenAddress(host: "127.0.0.1", port: port), admin: ListenAddress(host: "127.0.0.1", port: admin))
        try await eventually { (try? await service.send(.GET, "/readyz").status) == 200 ? true : nil }
        return Node(process: process, service: service)
    }

    @Test func aStopUnderLoadFailsNoRequestAndLeavesNothingInTheQueue() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 100_000)
            let node = try await start(over: stores, ["SECKILL_DRAIN_DELAY": "1s"])
            try await node.service.sees(sale, "open")
            let isOver = Flag()
            let (answers, failures) = try await withThrowingTaskGroup(of: ([Answer], [String]).self) { group in
                for buyer in 0..<20 {
                    group.addTask {
                        var answers: [Answer] = []
                        var failures: [String] = []
                        var number = 0
                        while !isOver.isRaised {
                            number += 1
                            // As a load balancer does, that looks at readiness and sends nothing
                            // new to a node that is not ready.
                            guard (try? await node.service.send(.GET, "/readyz").status) == 200 else { break }
                            do {
                                answers.append(try await node.service.buy(sale, as: "u-\(buyer)-\(number)"))
                            } catch {
                                failures.append("\(error)")
                            }
                        }
                        return (answers, failures)
                    }
                }
                try await eventually { try await stores.orders(of: sale).count > 50 ? true : nil }
                node.process.signal(SIGTERM)
                let unready = try await node.service.eventually {
                    try await node.service.send(.GET, "/readyz?verbose")
                } until: {
                    $0.status == 503
                }
                #expect(unready.text.contains("\"draining\",\"ok\":false"))
                #expect(unready.header("Connection") == "close")
                #expect(try await node.service.buy(sale, as: "late").status == 201)
                let outcome = try await node.process.outcome()
                #expect(outcome.status == 0, "\(outcome.messages)")
                isOver.raise()
                return try await group.reduce(into: ([Answer](), [String]())) { sum, part in
                    sum.0 += part.0
                    sum.1 += part.1
                }
            }
            #expect(failures.isEmpty, "\(failures.prefix(3))")
            #expect(answers.allSatisfy { $0.status == 201 }, "\(Set(answers.map(\.status)))")
            let rows = Set(try await stores.orders(of: sale).map(\.id))
            #expect(Set(answers.compactMap(\.id)).isSubset(of: rows))
            #expect(try await stores.store.unitsInFlight(of: sale).isEmpty)
        }
    }

    /// The admin port closes when its last answer is on its way.
    @Test func whoWaitsForEventsHoldsNoStopUp() async throws {
        try await withStores { stores in
            let node = try await start(over: stores, ["SECKILL_DRAIN_DELAY": "1s"])
            let began = ContinuousClock.now
            async let waiting = node.service.send(.GET, "/admin/v1/events?wait=25", base: "http://\(node.service.admin)")
            try await Task.sleep(for: .milliseconds(500))
            node.process.signal(SIGTERM)
            let answer = try await waiting
            #expect(answer.status == 200 && (answer.json["events"] as? [Any])?.isEmpty == true, "\(answer.text)")
            #expect(try await node.process.outcome().status == 0)
            #expect(ContinuousClock.now - began < .seconds(20))
        }
    }

    @Test(arguments: [true, false])
    func aSecondSignalOrTheDeadlineEndsItAlthoughPostgresHangs(isSignalled: Bool) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let postgres = try await PrivatePostgres.start(directory: "\(directory.path)/postgres", isDurable: false)
        defer { postgres.killBlocking() }
        try await withStores(databaseURL: postgres.url) { stores in
            let sale = try await stores.makeSale(stock: 10)
            let node = try await start(
                over: stores,
                [
                    "SECKILL_COMMIT_WAIT": "100ms", "SECKILL_DRAIN_DEADLINE": isSignalled ? "60s" : "1s", "SECKILL_LOG_LEVEL": "notice",
                ])
            try await node.service.sees(sale, "open")
            postgres.freeze()
            let answer = try await node.service.buy(sale, as: "ann")
            #expect(answer.status == 202, "\(answer.text)")
            node.process.signal(SIGTERM)
            if isSignalled {
                try await eventually { node.process.messages.contains("stopping") ? true : nil }
                node.process.signal(SIGTERM)
            }
            let outcome = try await node.process.outcome()
            postgres.thaw()
            #expect(outcome.status == 130)
            #expect(outcome.messages.contains("ended before it was drained"), "\(outcome.messages)")
            // It stands in the log, and any node finishes it.
            let order = try #require(answer.id)
            let next = try await start(over: stores, [:])
            _ = try await next.service.eventually(for: .seconds(30)) {
                try await next.service.send(.GET, "/v1/orders/\(order)", headers: [("X-User-Id", "ann")])
            } until: {
                $0.json["state"] as? String == "awaiting_payment"
            }
            next.process.signal(SIGTERM)
            #expect(try await next.process.outcome().status == 0)
        }
    }
}
