import SaleCore
import Synchronization

/// Finds the answer of a purchase that an idempotency key already made, when the order does not
/// wait on this lane.
final class ReplayLookup: Sendable {
    private let reader: any OrderReader
    private let log: any ReservationLog
    private let sweep: LogRecovery
    private let runtime: Runtime
    private let carryOvers = Atomic<Int>(0)

    private static let firstPause = Duration.milliseconds(20)
    private static let longestPause = Duration.milliseconds(320)
    /// How long the node that granted it is left alone with it. Nanoseconds.
    private static let patience: UInt64 = 1_000_000_000

    init(reader: any OrderReader, log: any ReservationLog, sweep: LogRecovery, runtime: Runtime) {
        self.reader = reader
        self.log = log
        self.sweep = sweep
        self.runtime = runtime
    }

    /// Tells only what is final. An order that its node has not brought to Postgres by `deadline`,
    /// or within a second, is carried there: a node that had no answer from Redis may be about to
    /// abandon it, and then the key would make another order.
    func outcome(of id: OrderID, in sale: SaleID, deadline: MonotonicInstant) async -> PurchaseOutcome {
        let turn = min(deadline, runtime.now().advanced(by: Self.patience))
        var wasInLog = true
        var pause = Self.firstPause
        do {
            while true {
                if let verdict = try await reader.verdict(on: id) { return Self.outcome(of: verdict) }
                // Not in the log either, twice in a row: it was neither committed nor rejected
                // between two looks at Postgres.
                guard wasInLog else { return .refused(.inProgress) }
                let reservation = try await log.reservation(id, of: sale)
                wasInLog = reservation != nil
                guard let reservation else { continue }
                if runtime.now() >= turn {
                    guard try await carryOver(reservation) else { return .refused(.inProgress) }
                } else {
                    try await runtime.sleep(pause)
                    pause = min(pause * 2, Self.longestPause)
                }
            }
        } catch {
            return .refused(.recovering)
        }
    }

    /// `false` when too many are being carried.
    private func carryOver(_ reservation: Reservation) async throws -> Bool {
        defer { carryOvers.wrappingSubtract(1, ordering: .relaxed) }
        guard carryOvers.wrappingAdd(1, ordering: .relaxed).oldValue < Limits.carryOversMax else { return false }
        try await sweep.finish([reservation], of: reservation.sale)
        return true
    }

    private static func outcome(of verdict: CommitVerdict) -> PurchaseOutcome {
        switch verdict {
        case .committed(let order): .committed(order.asFirstAnswered, isReplay: true)
        case .rejected(let rejection): .refused(rejection.asRefusal)
        }
    }
}
