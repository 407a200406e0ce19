import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// What `seckill doctor` looks at, one line each.
package struct Diagnosis: Sendable, Equatable {
    package enum Verdict: String, Sendable, Equatable, Encodable {
        case ok
        /// Sales stall now and then, and lose nothing.
        case slow
        case wrong
        /// Nothing is known to be wrong, and not everything could be seen.
        case unknown
    }

    package struct Finding: Sendable, Equatable, Encodable {
        package var subject: String
        package var verdict: Verdict
        package var detail: String

        package init(_ subject: String, _ verdict: Verdict, _ detail: String) {
            self.subject = subject
            self.verdict = verdict
            self.detail = detail
        }
    }

    package private(set) var findings: [Finding]

    package init(_ findings: [Finding]) { self.findings = findings }

    package var isWell: Bool { !findings.contains { $0.verdict == .wrong } }

    /// Pay-by times are a matter of minutes, and sales open by Redis's clock alone.
    static let clockDifferenceMaxMilliseconds: Int64 = 1_000

    /// - Parameter bounds: this machine's clock before and after the other one was read.
    static func clock(_ subject: String, reads time: Timestamp, between bounds: (Timestamp, Timestamp)) -> Finding {
        let difference = max(bounds.0.milliseconds - time.milliseconds, time.milliseconds - bounds.1.milliseconds, 0)
        return difference <= clockDifferenceMaxMilliseconds
            ? Finding(subject, .ok, "within \(max(difference, 1)) ms of this machine's")
            : Finding(subject, .wrong, "differs by \(difference) ms from this machine's; let both follow one NTP server")
    }

    /// - Parameter silences: how long ago each was heard of that has not said good-bye.
    static func nodes(_ silences: [String: Duration]) -> Finding {
        let silent = silences.filter { $0.value >= .milliseconds(Limits.nodeLifetimeMilliseconds) }.sorted { $0.key < $1.key }
        guard silent.isEmpty else {
            let names = silent.map { "\($0.key), last heard of \(Int(($0.value / Duration.seconds(1)).rounded())) s ago" }.joined(separator: "; ")
            return Finding("nodes", .wrong, "silent: \(names): each was killed, stands still, or does not reach Redis")
        }
        return Finding("nodes", .ok, silences.isEmpty ? "none serves" : "\(silences.count) heard of")
    }

    /// - Parameter read: the settings that could be read, of `wanted`.
    static func settings(_ subject: String, _ advice: [SettingAdvice], read: some Collection<String>, of wanted: [String]) -> [Finding] {
        var findings = advice.map { Finding(subject, $0.isRisk ? .wrong : .slow, "\($0)") }
        let unread = wanted.filter { !read.contains($0) }
        if !unread.isEmpty {
            findings.append(Finding(subject, .unknown, "could not be read: \(unread.joined(separator: ", "))"))
        } else if advice.isEmpty {
            findings.append(Finding(subject, .ok, "\(wanted.count) looked at"))
        }
        return findings
    }
}

extension OperatorSession {
    /// What cannot be looked at is a finding like any other.
    package func diagnosis() async -> Diagnosis {
        var findings: [Diagnosis.Finding] = []
        findings += await look("postgres") { try await postgresFindings() }
        findings += await look("schema") { [try await schema()] }
        findings += await look("postgres settings") {
            let values = try await stores.sessions.settings()
            return Diagnosis.settings("postgres settings", PostgresAdvice.advice(on: values), read: values.keys, of: PostgresAdvice.settings)
        }
        findings += await look("redis") { try await redisFindings() }
        findings += await look("redis settings") {
            let values = try await stores.redis.settings() ?? [:]
            return Diagnosis.settings("redis settings", RedisAdvice.advice(on: values), read: values.keys, of: RedisAdvice.settings)
        }
        findings += await look("redis clock") { [try await clock("redis clock") { try await stores.redis.now() }] }
        findings += await look("postgres clock") { [try await clock("postgres clock") { try await stores.sessions.now() }] }
        findings += await look("nodes") { [Diagnosis.nodes(try await nodes.silences())] }
        findings += await look("sales") {
            var books: [Diagnosis.Finding] = []
            // Redis forgets a sale a day after its end.
            for sale in try await ledger.sales() where !sale.isForgotten(at: .wallClock) {
                books += await look("books of \(sale.id)") { [try await self.books(of: sale.id)] }
            }
            return books
        }
        return Diagnosis(findings)
    }

    private func look(_ subject: String, _ check: () async throws -> [Diagnosis.Finding]) async -> [Diagnosis.Finding] {
        do { return try await check() } catch {
            let reason =
                switch error {
                case JournalError.failed(let reason, sqlState: "42P01"): "\(reason): run `seckill migrate`"
                case let error as JournalError: error.reason
                case let error as StoreError: error.reason
                default: "\(error)"
                }
            return [Diagnosis.Finding(subject, .wrong, reason)]
        }
    }

    private func postgresFindings() async throws -> [Diagnosis.Finding] {
        let warnings = [try await stores.sessions.sessionRoom().warning(nodes: 1), try await stores.standbyWarning()].compactMap(\.self)
        return warnings.isEmpty
            ? [Diagnosis.Finding("postgres", .ok, "answers, at \(stores.databaseAddress)")]
            : warnings.map { Diagnosis.Finding("postgres", .wrong, $0) }
    }

    private func schema() async throws -> Diagnosis.Finding {
        do throws(JournalError) { try await stores.requireSchema() } catch { throw StartError.schema(error) }
        return Diagnosis.Finding("schema", .ok, "this program's (\(Build.current.schema)) or a later one")
    }

    private func redisFindings() async throws -> [Diagnosis.Finding] {
        let identity = try await stores.redis.identity()
        try await stores.redis.probe()
        return identity.warnings.isEmpty
            ? [Diagnosis.Finding("redis", .ok, "answers, at \(stores.redisURL)")]
            : identity.warnings.map { Diagnosis.Finding("redis", .wrong, $0) }
    }

    private func clock(_ subject: String, _ read: () async throws -> Timestamp) async throws -> Diagnosis.Finding {
        let before = Timestamp.wallClock
        let time = try await read()
        return Diagnosis.clock(subject, reads: time, between: (before, .wallClock))
    }

    private func books(of sale: SaleID) async throws -> Diagnosis.Finding {
        let audit = try await operations.audit(sale)
        let breaches = audit.balances.flatMap { balance in audit.breaches(of: balance).map { "\(balance.sku): \($0)" } }
        if !breaches.isEmpty { return Diagnosis.Finding("books of \(sale)", .wrong, breaches.joined(separator: "; ")) }
        return audit.isSettled
            ? Diagnosis.Finding("books of \(sale)", .ok, "balance")
            : Diagnosis.Finding("books of \(sale)", .unknown, "units moved all the while; those of Postgres balance")
    }
}
