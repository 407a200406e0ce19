import SaleService

/// How many more sessions Postgres would admit.
package struct SessionRoom: Sendable, Equatable {
    package var sessionsMax: Int
    /// Kept for superusers and the like.
    package var reserved: Int
    /// By anybody but this process.
    package var inUse: Int

    package init(sessionsMax: Int, reserved: Int, inUse: Int) {
        self.sessionsMax = sessionsMax
        self.reserved = reserved
        self.inUse = inUse
    }

    private var nodesFitting: Int { max(0, sessionsMax - reserved - inUse) / Limits.postgresSessionsMax }

    /// What an operator should change; `nil` when so many more nodes fit. One that starts wants
    /// room for itself and another beside it, as in a rolling restart.
    package func warning(nodes: Int) -> String? {
        guard nodesFitting < nodes else { return nil }
        return """
            Postgres has room for \(nodesFitting) nodes: max_connections \(sessionsMax) - \(reserved) reserved - \(inUse) in use = \
            \(max(0, sessionsMax - reserved - inUse)) sessions, and a node takes up to \(Limits.postgresSessionsMax); raise max_connections to at least \
            \(reserved + inUse + nodes * Limits.postgresSessionsMax)
            """
    }
}
