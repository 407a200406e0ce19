import SaleCore

extension Timestamp {
    /// 2000-01-01T00:00:00Z, where Postgres counts from.
    private static let postgresEpochMilliseconds: Int64 = 946_684_800_000

    /// As the binary form of `timestamptz` counts; finer than a millisecond is cut off.
    init(postgresMicroseconds microseconds: Int64) {
        let milliseconds = microseconds >= 0 ? microseconds / 1_000 : (microseconds - 999) / 1_000
        self.init(milliseconds: milliseconds + Self.postgresEpochMilliseconds)
    }

    var postgresMicroseconds: Int64 { (milliseconds - Self.postgresEpochMilliseconds) * 1_000 }
}
