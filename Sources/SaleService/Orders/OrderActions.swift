package import SaleCore

/// What the routes need of it.
package protocol OrderActing: Sendable {
    func cancel(_ order: OrderID, by user: UserID) async throws -> CancelOutcome
    func record(_ event: PaymentEvent) async throws -> PaymentOutcome
}

/// What buyers and payment providers do to an order after its purchase. One that Postgres does not
/// have yet is carried there first, whichever node granted it.
package struct OrderActions: OrderActing {
    private let life: any OrderLife
    private let reserved: ReservedOrders
    private let sweep: LogRecovery

    init(life: any OrderLife, reserved: ReservedOrders, sweep: LogRecovery) {
        self.life = life
        self.reserved = reserved
        self.sweep = sweep
    }

    /// - Throws: `JournalError` or `StoreError`; the order may be cancelled then, and the same call
    ///   tells.
    package func cancel(_ order: OrderID, by user: UserID) async throws -> CancelOutcome {
        let outcome = try await life.cancel(order, by: user)
        guard outcome == .unknownOrder else { return outcome }
        try await carryOver(order)
        return try await life.cancel(order, by: user)
    }

    /// - Throws: `JournalError` or `StoreError`; the event may be kept then, and sending it again
    ///   does no harm.
    package func record(_ event: PaymentEvent) async throws -> PaymentOutcome {
        let outcome = try await life.record(event)
        guard outcome == .unknownOrder else { return outcome }
        try await carryOver(event.order)
        return try await life.record(event)
    }

    /// An order that is not in the log either may have gone from there to Postgres between the two
    /// looks.
    private func carryOver(_ order: OrderID) async throws {
        guard let reservation = try await reserved.reservation(order) else { return }
        try await sweep.finish([reservation], of: reservation.sale)
    }
}
