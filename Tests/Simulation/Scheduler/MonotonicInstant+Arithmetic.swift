package import SaleCore

/// A world reckons with instants wherever it goes.
extension MonotonicInstant {
    package static func + (instant: Self, nanoseconds: UInt64) -> Self { instant.advanced(by: nanoseconds) }

    /// Nanoseconds, 0 when `later` is not later.
    package static func - (later: Self, earlier: Self) -> UInt64 { earlier.duration(to: later) }
}
