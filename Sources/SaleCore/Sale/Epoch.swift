/// Which of a sale's rebuilds in Redis its numbers are from: 0 before the first, and one more with
/// each. What was granted in an epoch that is over is in no number of the present one.
@usableFromInline package struct Epoch: Hashable, Comparable, Sendable {
    @usableFromInline package let number: Int64

    @inlinable package init(_ number: Int64) {
        self.number = number
    }

    @inlinable package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

extension Epoch: ExpressibleByIntegerLiteral, CustomStringConvertible {
    @inlinable package init(integerLiteral number: Int64) {
        self.init(number)
    }

    @inlinable package var description: String { "\(number)" }
}
