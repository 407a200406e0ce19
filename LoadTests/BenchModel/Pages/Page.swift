/// What browsers ask for while people wait for a sale. The order is that of a round.
package enum Page: String, Sendable, Codable, CaseIterable {
    /// A purchase of what is sold out, answered from memory: what the others are held against.
    case refusal
    /// A sale of four items.
    case sale
    /// The same, of which the client has the newest.
    case unchangedSale = "unchanged-sale"
    /// A sale of ten thousand items, of which the client has the newest.
    case unchangedLargeSale = "unchanged-large-sale"
    /// What a browser asks before it lets a page of another origin buy.
    case preflight

    package var title: String {
        switch self {
        case .refusal: "a purchase refused from memory"
        case .sale: "`GET /v1/sales/{sale}`, four items"
        case .unchangedSale: "its 304"
        case .unchangedLargeSale: "the 304 of ten thousand items"
        case .preflight: "a preflight"
        }
    }

    /// What its CPU may be, at most, and of what.
    package var bound: (factor: Double, of: Page)? {
        switch self {
        case .refusal: nil
        case .sale, .preflight: (1.2, .refusal)
        case .unchangedSale: (1.0, .refusal)
        case .unchangedLargeSale: (1.1, .unchangedSale)
        }
    }
}
