import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist/', 'node_modules/'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Requests are made in src/api/client.ts.' }],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'maplibre-gl', message: 'The map library runs in src/map/map.ts.', allowTypeImports: true }],
        },
      ],
      eqeqeq: 'error',
      // A rest pattern names what it leaves out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Maps here are values: made whole, never changed afterwards.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { files: ['src/api/client.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/map/map.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
);
