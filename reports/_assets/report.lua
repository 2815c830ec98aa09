-- The project's filter, run at `pre-ast` by Quarto and by the embedded renderer alike.
-- French typography, which neither does: no-break spaces before ; : ! ? % and inside « »,
-- and « » for straight double quotes. What is already a no-break space stays.

local NARROW, WIDE = '\u{202f}', '\u{a0}'
local BEFORE = { [';'] = NARROW, ['!'] = NARROW, ['?'] = NARROW, [':'] = NARROW,
  ['%'] = WIDE, ['»'] = WIDE }

local function space_before(word)
  for mark, space in pairs(BEFORE) do
    if word:sub(1, #mark) == mark then return space end
  end
end

local function is_space(inline)
  return inline and (inline.t == 'Space' or inline.t == 'SoftBreak')
end

local function opens(inline)
  return inline and inline.t == 'Str' and inline.text:match('«$')
end

function Inlines(inlines)
  local out = pandoc.Inlines {}
  for i, inline in ipairs(inlines) do
    local following, previous = inlines[i + 1], inlines[i - 1]
    local space = is_space(inline) and following and following.t == 'Str'
      and space_before(following.text)
    if space then
      out:insert(pandoc.Str(space))
    elseif is_space(inline) and opens(previous) then
      out:insert(pandoc.Str(WIDE))
    else
      out:insert(inline)
    end
  end
  return out
end

function Quoted(quoted)
  if quoted.quotetype ~= 'DoubleQuote' then return nil end
  local out = pandoc.Inlines { pandoc.Str('«' .. WIDE) }
  out:extend(quoted.content)
  out:insert(pandoc.Str(WIDE .. '»'))
  return out
end
