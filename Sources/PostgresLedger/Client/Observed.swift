package import SaleService

/// What a session read, and whether it stands already where it must before anybody hears of it.
package struct Observed<Value: Sendable>: Sendable {
    package var value: Value
    /// Where it was seen, if rows of it may be missing on a synchronous standby: a `Confirmation`
    /// waits for it.
    package var sight: LedgerTimeline?
}
