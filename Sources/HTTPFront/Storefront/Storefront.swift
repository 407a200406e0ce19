/// The pages on which people buy. A service without them answers programs only.
package struct Storefront: Sendable {
    /// Makes the token of a buyer whom nobody has been before; `nil` where buyers are real. Where
    /// it makes up buyers, it makes up their payments, too.
    package var makeToken: (@Sendable () -> String)?

    package init(makeToken: (@Sendable () -> String)? = nil) {
        self.makeToken = makeToken
    }
}
