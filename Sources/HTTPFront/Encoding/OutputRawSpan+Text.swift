import SaleCore

/// Beside what `SaleCore` writes.
extension OutputRawSpan {
    mutating func write(_ text: StaticString) {
        write(text.bytes)
    }
}
