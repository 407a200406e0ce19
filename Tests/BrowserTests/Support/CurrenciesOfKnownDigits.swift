import SaleCore

extension Currency {
    /// Of all that three letters can name: those that a price can be in, and those of other digits
    /// than two.
    static let ofKnownDigits: [Currency] = (0..<17_576).compactMap { number -> Currency? in
        let letters = [number / 676, number / 26 % 26, number % 26].map { UInt8(ascii: "A") + UInt8($0) }
        return Currency(String(decoding: letters, as: UTF8.self))
    }
    .filter { $0.isListed || $0.decimals != 2 }
}
