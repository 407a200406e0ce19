import ArgumentParser

/// Numbers as operators type them.
enum WholeNumber {
    static func count(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw ValidationError("must be a whole number") }
        return number
    }

    /// An amount in a currency's minor unit.
    static func minor(_ text: String) throws -> Int64 {
        guard let number = Int64(text) else {
            throw ValidationError("must be a whole number in the currency's minor unit: 7998.00 CNY are 799800")
        }
        return number
    }
}
