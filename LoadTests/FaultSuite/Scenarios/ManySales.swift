import Foundation
import LoadClient
import LoadModel
import LoadSupport
import PrivateServers
import Synchronization

extension Scenario {
    static let manySales = [
        Scenario(
            "T48", "Redis killed and restarted under 300 open sales on 4 nodes, max_connections 100",
            bar: "all sell again within 10 s, 0 sessions refused, every epoch up by one", recoveryStorm),
        Scenario(
            "T50", "made-up order ids at 300 sales, from one user, as fast as it goes",
            bar: "at most 3 Redis commands per request, p99 of purchases below twice what it was", guessedOrders),
    ]

    private static let connectionsMax = 100

    private static func withManySales(
        _ trial: Trial, nodes: Int, _ body: (_ stack: Stack, _ sales: [String]) async throws -> Void
    ) async throws {
        var plan = StackPlan(sale: SalePlan(stock: 100_000), nodes: nodes)
        plan.postgresSettings = ["max_connections=\(connectionsMax)"]
        try await withStack(trial, plan) { stack in
            let sales = try await stack.makeSales(count: trial.scaled(300, atLeast: 24) - 1) + [stack.sale.name]
            trial.figure("sales", Double(sales.count))
            guard try await eventually(within: .seconds(60), { try await stack.unproven() == 0 }) else {
                throw SetupFailure("\(try await stack.unproven()) of \(sales.count) sales were never proven")
            }
            _ = try await sellEverywhere(trial, stack, sales, buyer: "early", within: .seconds(60))
            try await body(stack, sales)
            let audit = try await eventually(within: .seconds(30), every: .milliseconds(500)) { try await stack.seckill(["audit"]).status == 0 }
            trial.check("books_balance", audit, audit ? "audit exits 0" : "audit finds differences")
        }
    }

    // MARK: T48

    private static func recoveryStorm(_ trial: Trial) async throws {
        try await withManySales(trial, nodes: 4) { stack, sales in
            let before = try await stack.epochs()
            trial.injected("kill -9 redis")
            let start = ContinuousClock.now
            try await stack.redis.restart()
            let unsold = try await sellEverywhere(trial, stack, sales, buyer: "late", within: .seconds(120))
            let seconds = (ContinuousClock.now - start).seconds
            trial.figure("seconds_until_all_sell", seconds)
            trial.check("all_sell_again", unsold == 0, "\(unsold) of \(sales.count) sales sell nothing")
            trial.check("sells_again_in_time", seconds <= 10, "\((seconds * 100).rounded() / 100) s")
            let after = try await stack.epochs()
            let rises = Dictionary(grouping: after.keys) { after[$0, default: 0] - before[$0, default: 0] }.mapValues(\.count)
            trial.check("each_epoch_up_by_one", rises == [1: sales.count], "by how much: how many sales, \(rises)")
            let refused = stack.refusedSessions
            trial.figure("refused_sessions", Double(refused))
            trial.check("no_session_refused", refused == 0, "\(refused) lines of Postgres's log")
        }
    }

    /// Buys a unit of each sale, from the nodes in turn, as often as it takes.
    ///
    /// - Returns: of how many sales none could be bought in time.
    private static func sellEverywhere(
        _ trial: Trial, _ stack: Stack, _ sales: [String], buyer: String, within patience: Duration
    ) async throws -> Int {
        let deadline = ContinuousClock.now + patience
        return try await withThrowingTaskGroup(of: Int.self) { group in
            let lanes = 8
            for lane in 0..<lanes {
                group.addTask {
                    try await withWebClient { client in
                        var left = stride(from: lane, to: sales.count, by: lanes).map { $0 }
                        while !left.isEmpty, ContinuousClock.now < deadline {
                            var unsold: [Int] = []
                            for index in left {
                                let node = stack.nodes[index % stack.nodes.count]
                                let answer = try await node.buy(client, sale: sales[index], user: "\(buyer)-\(index)", key: "\(buyer)-\(index)")
                                trial.answered(answer.summary)
                                if answer.status != 201 { unsold.append(index) }
                            }
                            left = unsold
                            if !left.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
                        }
                        return left.count
                    }
                }
            }
            return try await group.reduce(0, +)
        }
    }

    // MARK: T50

    private static func guessedOrders(_ trial: Trial) async throws {
        try await withManySales(trial, nodes: 1) { stack, _ in
            let node = stack.nodes[0]
            let seconds = max(2, Double(trial.scaled(6)))
            let idle = try await stack.redisCommands(during: { try await Task.sleep(for: .seconds(seconds)) })
            trial.injected("made-up order ids")
            let guesses = Count()
            let busy = try await stack.redisCommands(during: { guesses.add(try await guess(node, trial, for: .seconds(seconds))) })
            let perRequest = (Double(busy) - Double(idle)) / Double(max(1, guesses.value))
            trial.figure("guesses_per_second", Double(guesses.value) / seconds)
            trial.figure("redis_commands_per_guess", perRequest)
            trial.check("few_commands_per_guess", guesses.value > 0 && perRequest <= 3, "\(perRequest) over \(guesses.value) requests")

            let calm = try await purchases(node, trial, count: trial.scaled(500, atLeast: 50), buyer: "calm")
            let disturbed = try await withThrowingTaskGroup(of: [Double].self) { group in
                group.addTask {
                    _ = try await guess(node, trial, for: .seconds(seconds), lanes: 1)
                    return []
                }
                group.addTask { try await purchases(node, trial, count: trial.scaled(500, atLeast: 50), buyer: "disturbed") }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let (before, during) = (percentile99(calm), percentile99(disturbed))
            trial.figure("purchase_p99_ms", before)
            trial.figure("purchase_p99_ms_under_guesses", during)
            trial.check("purchases_go_on", during < 2 * before || during < 50, "p99 \(before) ms, then \(during) ms")
        }
    }

    /// Asks for ids that nobody made, over `lanes` connections.
    ///
    /// - Returns: how many were asked for.
    private static func guess(_ node: NodeProcess, _ trial: Trial, for duration: Duration, lanes: Int = 4) async throws -> Int {
        let end = ContinuousClock.now + duration
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<lanes {
                group.addTask {
                    try await withWebClient { client in
                        var count = 0
                        while ContinuousClock.now < end {
                            let answer = try await node.order(client, madeUpOrder(at: Date()), user: "guesser")
                            trial.answered(answer.summary)
                            trial.check("guesses_find_nothing", [404, 429, 503].contains(answer.status), answer.summary)
                            count += 1
                        }
                        return count
                    }
                }
            }
            return try await group.reduce(0, +)
        }
    }

    /// A UUID of version 7 as any library makes it.
    static func madeUpOrder(at instant: Date) -> String {
        let high = UInt64(instant.timeIntervalSince1970 * 1_000) << 16 | 0x7000 | UInt64.random(in: 0...0xFFF)
        let low = UInt64.random(in: .min ... .max) >> 2 | 0x8000_0000_0000_0000
        let digits = Array(String(format: "%016llx%016llx", high, low))
        return [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]].map { String($0) }.joined(separator: "-")
    }

    /// - Returns: how long each took, in milliseconds.
    private static func purchases(_ node: NodeProcess, _ trial: Trial, count: Int, buyer: String) async throws -> [Double] {
        try await withWebClient { client in
            var times: [Double] = []
            for number in 0..<count {
                let start = ContinuousClock.now
                trial.answered(try await node.buy(client, user: "\(buyer)-\(number)").summary)
                times.append((ContinuousClock.now - start).seconds * 1_000)
            }
            return times
        }
    }

    private static func percentile99(_ times: [Double]) -> Double {
        times.isEmpty ? 0 : (times.sorted()[min(times.count - 1, times.count * 99 / 100)] * 100).rounded() / 100
    }
}

extension Stack {
    /// Open sales of one item each, written where the service reads them: three hundred commands
    /// would take minutes.
    fileprivate func makeSales(count: Int) async throws -> [String] {
        _ = try await postgres.query(
            """
            INSERT INTO sales (id, title, opens_at, closes_at, pay_within_ms)
            SELECT 'many-' || number, 'Many', now() - interval '1 hour', now() + interval '10 hours', 900000
            FROM generate_series(1, :'count'::integer) AS number
            """, variables: ["count": "\(count)"])
        _ = try await postgres.query(
            """
            INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, limit_per_user, counts_users)
            SELECT id, 'unit', 'Unit', 1999, 'EUR', 100, 1, false FROM sales WHERE id LIKE 'many-%'
            """)
        return (1...count).map { "many-\($0)" }
    }

    fileprivate func unproven() async throws -> Int {
        try await postgres.query("SELECT count(*) FROM sales WHERE proven_run = ''").first?.first.flatMap { Int($0) } ?? -1
    }

    fileprivate func epochs() async throws -> [String: Int] {
        let rows = try await postgres.query("SELECT id, epoch FROM sales")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Int($0[1]) ?? -1) })
    }

    /// Lines in which Postgres says that it has no session left.
    fileprivate var refusedSessions: Int {
        let log = (try? String(contentsOfFile: "\(postgres.directory)/postgres.log", encoding: .utf8)) ?? ""
        return log.split(separator: "\n").count { $0.contains("too many clients") || $0.contains("remaining connection slots") }
    }

    /// How many commands Redis executed meanwhile, those that scripts call included.
    fileprivate func redisCommands(during body: () async throws -> Void) async throws -> Int {
        let before = try await redisCommandCount()
        try await body()
        return try await redisCommandCount() - before
    }

    private func redisCommandCount() async throws -> Int {
        let info = try await redis.command("INFO commandstats") ?? ""
        return info.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
            guard line.hasPrefix("cmdstat_"), let calls = line.firstRange(of: "calls=") else { return sum }
            return sum + (Int(line[calls.upperBound...].prefix { $0.isNumber }) ?? 0)
        }
    }
}

/// A number that a closure leaves.
private final class Count: Sendable {
    private let kept = Mutex(0)
    var value: Int { kept.withLock { $0 } }
    func add(_ number: Int) { kept.withLock { $0 += number } }
}
