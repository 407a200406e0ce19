/// What the answers say was sold, against what the stores say.
package enum BooksCheck {
    /// - Parameters:
    ///   - sold: units that the store has sold.
    ///   - answered: purchases that the clients counted as successful.
    ///   - unheardMax: requests that may have been under way when clients stopped listening: one
    ///     per connection of each closed-loop run.
    /// - Returns: what is wrong.
    package static func fault(sold: Int, answered: Int, unheardMax: Int) -> String? {
        if sold < answered { return "\(answered) purchases were confirmed, but only \(sold) units sold" }
        if sold > answered + unheardMax { return "\(sold) units were sold, but only \(answered) purchases confirmed" }
        return nil
    }
}
