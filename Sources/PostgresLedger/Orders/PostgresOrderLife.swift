package import SaleCore
package import SaleService

/// Cancels, payments, expiry and the moves that follow from them.
package struct PostgresOrderLife: OrderLife {
    private let sessions: PostgresSessions

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
    }

    package init(address: PostgresAddress, sessionCount: Int = Limits.postgresSessionsShared) {
        self.init(sessions: PostgresSessions(address: address, sharedCount: sessionCount))
    }

    package func cancel(_ order: OrderID, by user: UserID) async throws(JournalError) -> CancelOutcome {
        try await repeating { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.order(order)
            parameters.text(user.rawValue)
            if let cancelled = try Self.orders(.cancelOrder, parameters, on: session).first { return .cancelled(cancelled) }
            guard let found = try Self.found(order, on: session), found.user == user else { return .unknownOrder }
            switch found.state {
            case .cancelled: return .cancelled(found, isNews: false)
            // Committed between the two statements.
            case .awaitingPayment: throw .failed(reason: "the order appeared meanwhile", sqlState: SQLState.serializationFailure)
            case .reserved, .paid, .expired, .rejected: return .notCancellable(found)
            }
        }
    }

    package func record(_ event: PaymentEvent) async throws(JournalError) -> PaymentOutcome {
        try await repeating { (session: isolated PostgresSession) throws(JournalError) in
            try session.transaction { () throws(JournalError) in
                guard let order = try Self.order(event.order, by: .lockOrder, on: session) else { return .unknownOrder }
                if let earlier = try Self.event(event.id, on: session) { return earlier == event ? .recorded(order, isNews: false) : .otherEvent }
                guard event.isFor(order) else { return .wrongAmount(due: order.amountDue, currency: order.currency) }
                let effect = PaymentEffect(of: event, on: order.state)
                // Another order's event may take the id between the look and here.
                guard try Self.keep(event, effect, on: session) else { return .otherEvent }
                try Self.carryOut(effect, event, on: session)
                return .recorded(try Self.found(event.order, on: session) ?? order)
            }
        }
    }

    /// Each of its statements is a transaction: whoever buys meanwhile waits for none of them long,
    /// and what a node that dies has begun, the next sweep goes on with.
    package func expire(countMax: Int) async throws(JournalError) -> Int {
        var count = try await repeating { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.int64(Int64(countMax))
            return try session.query(.expireOrders, parameters) { $0.rowCount }
        }
        var turns = 0
        while count < countMax, turns < Self.batchTurnsMax {
            let left = countMax - count
            let turn = try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in
                try Self.expireBatches(countMax: left, on: session)
            }
            count += turn.ended
            guard turn.looked > 0 else { break }
            turns += 1
        }
        return count
    }

    /// Most batches that are due have been paid by then, and cost a look each: so many more than
    /// one sells meanwhile.
    private static let batchTurnsMax = 32
    private static let batchesPerTurnMax = 32

    /// - Returns: how many batches it looked at, and how many of their orders it ended.
    private static func expireBatches(
        countMax: Int, on session: isolated PostgresSession
    ) throws(JournalError) -> (looked: Int, ended: Int) {
        let due = try DueBatch.due(countMax: batchesPerTurnMax, on: session)
        var ended = 0
        var done: [DueBatch] = []
        for batch in due where ended < countMax {
            let left = countMax - ended
            ended += try PostgresJournal.repeating { () throws(JournalError) in try batch.expire(countMax: left, on: session) }
            // Else there may be more of it.
            if ended < countMax { done.append(batch) }
        }
        try DueBatch.close(done, on: session)
        return (due.count, ended)
    }

    package func pendingMoves(besides sales: [SaleID], countMax: Int) async throws(JournalError) -> [StockMove] {
        try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(sales, \.rawValue)
            parameters.int64(Int64(countMax))
            return try session.look(.pendingMoves, parameters) { result throws(JournalError) in try StockMoveRow.readAll(result) }
        }
    }

    package func tell(
        movesBesides sales: [SaleID], countMax: Int, to redis: @Sendable ([StockMove]) async throws -> [KnownMoves]
    ) async throws -> MoveTurn {
        try await sessions.pool.borrow(as: .orders, waitMax: Self.turnWaitMax) { session in
            do {
                try await session.begin(.readCommitted)
                let turn = try await tell(movesBesides: sales, countMax: countMax, to: redis, in: session)
                try await session.commit()
                return turn
            } catch {
                await session.rollback()
                throw error
            }
        }
    }

    private static let turnWaitMax = Duration.seconds(2)

    private func tell(
        movesBesides sales: [SaleID], countMax: Int, to redis: ([StockMove]) async throws -> [KnownMoves], in session: PostgresSession
    ) async throws -> MoveTurn {
        let claimed = try await session.observe { (session: isolated PostgresSession) throws(JournalError) in
            try Self.claim(movesBesides: sales, countMax: countMax, on: session)
        }
        guard !claimed.value.isEmpty else { return MoveTurn() }
        // Redis must not hear of what a successor of this Postgres may lack.
        try await sessions.confirmation.confirm(claimed.sight, waitMax: PostgresSessions.confirmationWait)
        var turn = MoveTurn(handed: claimed.value.count)
        for known in try await redis(claimed.value) {
            turn.forgotten += try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try Self.forget(known, on: session)
            }
        }
        return turn
    }

    private static func claim(
        movesBesides sales: [SaleID], countMax: Int, on session: isolated PostgresSession
    ) throws(JournalError) -> [StockMove] {
        try session.run(.limitMoveTurn)
        var parameters = PostgresParameters()
        parameters.texts(sales, \.rawValue)
        parameters.int64(Int64(countMax))
        return try session.look(.claimMoves, parameters) { result throws(JournalError) in try StockMoveRow.readAll(result) }
    }

    private static func forget(_ known: KnownMoves, on session: isolated PostgresSession) throws(JournalError) -> Int {
        guard !known.moves.isEmpty else { return 0 }
        var parameters = PostgresParameters()
        parameters.text(known.sale.rawValue)
        parameters.int64(known.epoch.number)
        parameters.texts(known.moves, \.sku.rawValue)
        parameters.int64s(known.moves, \.number)
        return try session.run(.forgetMoves, parameters)
    }

    // MARK: -

    /// A transition can meet a batch of the writer in another order of locks; Postgres then asks
    /// one of them to try again.
    private func repeating<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await sessions.confirmed { (session: isolated PostgresSession) throws(JournalError) in
            try PostgresJournal.repeating { () throws(JournalError) in try body(session) }
        }
    }

    private static func orders(
        _ statement: Statement, _ parameters: PostgresParameters, on session: isolated PostgresSession
    ) throws(JournalError) -> [Order] {
        try session.query(statement, parameters) { result throws(JournalError) in try OrderRow.readAll(result) }
    }

    private static func found(_ id: OrderID, on session: isolated PostgresSession) throws(JournalError) -> Order? {
        var parameters = PostgresParameters()
        parameters.order(id)
        return try session.look(.orderByID, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
    }

    private static func order(
        _ id: OrderID, by statement: Statement, on session: isolated PostgresSession
    ) throws(JournalError) -> Order? {
        var parameters = PostgresParameters()
        parameters.order(id)
        return try orders(statement, parameters, on: session).first
    }

    private static func event(_ id: PaymentEventID, on session: isolated PostgresSession) throws(JournalError) -> PaymentEvent? {
        var parameters = PostgresParameters()
        parameters.text(id.rawValue)
        return try session.query(.paymentEvent, parameters) { result throws(JournalError) in
            guard result.rowCount == 1 else { return nil }
            guard let outcome = PaymentEvent.Outcome(rawValue: result.text(0, 1)), let currency = Currency(result.text(0, 3)) else {
                throw .unreadable("a payment event")
            }
            return PaymentEvent(id: id, order: result.order(0, 0), outcome: outcome, amount: result.int64(0, 2), currency: currency)
        }
    }

    /// `false` when the id is taken.
    private static func keep(
        _ event: PaymentEvent, _ effect: PaymentEffect, on session: isolated PostgresSession
    ) throws(JournalError) -> Bool {
        var parameters = PostgresParameters()
        parameters.text(event.id.rawValue)
        parameters.order(event.order)
        parameters.text(event.outcome.rawValue)
        parameters.int64(event.amount)
        parameters.text(event.currency.code)
        parameters.text(effect.rawValue)
        return try session.run(.keepPaymentEvent, parameters) == 1
    }

    private static func carryOut(_ effect: PaymentEffect, _ event: PaymentEvent, on session: isolated PostgresSession) throws(JournalError) {
        var parameters = PostgresParameters()
        parameters.order(event.order)
        var paying = parameters
        paying.text(event.id.rawValue)
        switch effect {
        case .paid: try session.run(.payOrder, paying)
        case .cancelled: try session.run(.failOrder, parameters)
        case .refundDue: try session.run(.markRefundDue, paying)
        case .none: break
        }
        guard event.outcome == .succeeded else { return }
        parameters.int64(event.amount)
        parameters.text(event.currency.code)
        try session.run(.enterPayment, parameters)
    }
}
